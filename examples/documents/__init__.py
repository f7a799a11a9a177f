"""A module that reads documents: PDFs and scanned images become fields in JSON files, without any network."""
