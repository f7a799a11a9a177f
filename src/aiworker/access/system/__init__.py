"""What the installation knows about itself: settings kept in the database, the book of backups."""
