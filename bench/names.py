"""Whether a stranger can tell known from unknown names by the clock."""

import re
import statistics
import time
from urllib.parse import urlencode

from bench import report
from bench.house import filled, served
from bench.load import Connection, request

TRIES = 40


async def run() -> list[report.Figure]:
    """Median time of a wrong try, known name over unknown name."""
    with filled(TRIES) as (data, environment), served(data, environment) as server:
        connection = Connection(server.port)
        _, head, page = await connection.send(request("GET", "/sign-in", server.host))
        door = re.search(rb"__Host-door=([^;]+)", head)
        token = re.search(rb'name="form_token" value="([0-9a-f]+)"', page)
        if door is None or token is None:
            raise RuntimeError("the sign-in page has no form")
        headers = {
            "origin": f"http://{server.host}",
            "content-type": "application/x-www-form-urlencoded",
            "cookie": f"__Host-door={door[1].decode()}",
        }
        times: dict[str, list[float]] = {"customer": [], "nobody": []}
        for number in range(TRIES):
            who = ("customer", "nobody")[number % 2]
            fields = {"form_token": token[1].decode(), "who": f"{who}{number}@example.com", "password": "wrong"}
            raw = request("POST", "/sign-in", server.host, headers, urlencode(fields).encode())
            # Each from an address of its own, so that none meets the human check.
            connection = Connection(server.port, f"127.0.0.{number + 2}")
            await connection.send(request("GET", "/healthz", server.host))
            start = time.perf_counter()
            await connection.send(raw)
            times[who].append(time.perf_counter() - start)
            connection.close()
        ratio = statistics.median(times["customer"]) / statistics.median(times["nobody"])
    return [report.at_most("time of a wrong try, known over unknown name, away from 1", abs(ratio - 1), 0.1)]
