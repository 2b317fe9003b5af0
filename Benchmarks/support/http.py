"""One client: a connection that is kept, JSON in and out, and what is known of an outcome afterwards."""

import http.client
import json
import socket

# Errors after which the request may have been done: it was sent, and no whole answer came back.
LOST = (OSError, http.client.HTTPException)


class NotSent(Exception):
    """No connection: the request never left, so it was certainly not done."""


class Answer:
    def __init__(self, status, headers, text):
        self.status = status
        self.type = (headers.get("Content-Type") or "").split(";")[0]
        self.text = text
        try:
            self.json = json.loads(text) if text else None
        except ValueError:
            self.json = None


class Client:
    def __init__(self, port, token, timeout=20):
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.timeout = timeout
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def send(self, method, path, body=None, key=None):
        """Raises NotSent, or one of LOST when the outcome is unknown."""
        if self.connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            try:
                connection.connect()
            except OSError as error:
                raise NotSent(str(error)) from error
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection = connection
        headers = dict(self.headers)
        payload = None
        if body is not None:
            payload = json.dumps(body)
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = f'"{key}"'
        try:
            self.connection.request(method, path, payload, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except LOST:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return Answer(answer.status, answer.headers, text)
