"""Groups: approved tasks on their way to staging, to production and back."""
