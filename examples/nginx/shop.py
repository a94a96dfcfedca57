"""A small shop behind Menshen: it asks for no password and keeps no session, it reads who is there from headers."""

import argparse
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>小店</title>
<h1>小店</h1>
<p>{who}</p>
<p>您在看 <code id="path">{path}</code></p>
<p><a href="{accounts}/account">我的帐户</a> · <a href="{accounts}/sign-out">退出登录</a></p>
</html>
"""
SIGNED_IN = '您好，<b id="name">{name}</b>（<code id="account">{account}</code>，{assurance}，{since}）'


class Shop(BaseHTTPRequestHandler):
    """Every path is a page."""

    accounts = ""

    def do_GET(self) -> None:
        """Show who asks for what."""
        headers = {
            name: escape(unquote(self.headers.get(f"Menshen-{name}", "")))
            for name in ("Account", "Name", "Assurance", "Since")
        }
        who = SIGNED_IN.format(**{name.lower(): value for name, value in headers.items()})
        body = PAGE.format(
            who=who if headers["Account"] else "您还没有登录。", path=escape(self.path), accounts=self.accounts
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        # Or the browser's "back" would show a page of somebody who has signed out since.
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve the loopback alone, since whoever reaches the shop past the proxy could claim to be anybody."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=8081)
    arguments.add_argument("--accounts", default="https://accounts.menshen.test:8443", help="the sign-in host")
    given = arguments.parse_args()
    Shop.accounts = given.accounts
    ThreadingHTTPServer(("127.0.0.1", given.port), Shop).serve_forever()


if __name__ == "__main__":
    main()
