"""A small web application that behaves as its command line says: what the runtimes in tests run."""

import sys

# Kept free of imports that are slow: it is started many times.
PYTHON = f"{sys.executable} -S -u"
START = f"{PYTHON} app.py"

APP = """
import json, os, subprocess, sys, time

VERSION = "VERSION_HERE"
wants = sys.argv[1:]

if "fail" in wants:
    print("before the end")
    print("no database here", file=sys.stderr)
    sys.exit(3)
if "background" in wants:
    sys.exit(0)
if "hang" in wants:
    time.sleep(600)
if "fail-second-time" in wants:
    marker = os.path.join(os.environ["HOME"], "started")
    if os.path.exists(marker):
        sys.exit(4)
    open(marker, "w").close()

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

kept = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, text = 200, VERSION
        if self.path == "/pid":
            text = str(os.getpid())
        elif self.path == "/env":
            text = json.dumps(dict(os.environ))
        elif self.path == "/host":
            text = self.headers["host"]
        elif self.path == "/die":
            os._exit(7)
        elif self.path == "/eat":
            kept.append(b"x" * 200_000_000)
        elif self.path == "/child":
            child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
            text = str(child.pid)
        elif self.path == "/daemon":
            # Twice forked, in a session of its own: nobody's child any more.
            reader, writer = os.pipe()
            if os.fork() == 0:
                os.setsid()
                pid = os.fork()
                if pid == 0:
                    time.sleep(600)
                os.write(writer, str(pid).encode())
                os._exit(0)
            os.wait()
            text = os.read(reader, 20).decode()
        elif self.path == "/sick":
            status = 500
        elif self.path.startswith("/chat"):
            print("x" * 1_000_000)
        body = text.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


if "stubborn" in wants:
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
port = int(wants[wants.index("port") + 1]) if "port" in wants else int(os.environ["PORT"])
print("listening, version", VERSION)
ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), port), Handler).serve_forever()
"""


def webapp(version: str) -> dict[str, str]:
    """The files of the application; it answers with its version, or with what the path asks for."""
    return {"app.py": APP.replace("VERSION_HERE", version), "index.html": f"<h1>{version}</h1>"}
