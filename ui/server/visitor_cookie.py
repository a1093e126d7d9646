"""A cookie with a random value for every browser, which identifies its visitor."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.session import OWNER_COOKIE


class VisitorCookie:
    """ASGI middleware: identifies every browser, so that nobody can stop somebody else's run."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = any(
            name == b"cookie" and OWNER_COOKIE.encode() in value
            for name, value in scope.get("headers", ())
        )
        if scope["type"] != "http" or known:
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and any(
                b"text/html" in value for _, value in message.get("headers", ())
            ):
                import secrets

                cookie = (
                    f"{OWNER_COOKIE}={secrets.token_hex(16)}; "
                    "Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
                )
                message = {
                    **message,
                    "headers": [*message["headers"], (b"set-cookie", cookie.encode())],
                }
            await send(message)

        await self.app(scope, receive, send_with_cookie)
