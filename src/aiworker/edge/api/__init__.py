"""REST under `/api`: one thin file per noun; the frame is in `context`, `routing`, `errors` and `app`."""
