"""`python -m aiworker` is the same program as `aiworker`."""

from aiworker.app import main

main()
