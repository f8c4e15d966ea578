"""An API of the standard library alone. It checks no credential: nginx lets nobody through whom Latchkey did not let in,
and says who it is. It must be reachable through nginx only, so it listens on loopback."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        caller = self.headers.get("X-Auth-Subject")
        document = {
            "path": self.path,
            "hello": caller,
            "scopes": (self.headers.get("X-Auth-Scopes") or "").split(),
            "roles": (self.headers.get("X-Auth-Roles") or "").split(),
            "received": [[name, value] for name, value in self.headers.items()],
            "bytes": len(body),
        }
        text = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Api)
    print(f"API on port {server.server_port}", flush=True)
    server.serve_forever()
