"""`make bench`: measure, print, and fail if a promise is not kept."""

import sys

from benchmarks import start

sys.exit(start.main())
