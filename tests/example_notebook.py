"""An executed notebook in the house's shape, for the tests of the exporters."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

Say = Callable[[str], str]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20"><path d="M0 0h60v20"/></svg>'


def notebook_cells(text: Say, *, failed: bool = False) -> list[dict[str, Any]]:
    """The cells of an executed notebook in the house's shape."""
    table = (
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>n</th>'
        f"<th>approved</th></tr></thead><tbody><tr><th>{text('women')}</th><td>310</td><td>0.648</td></tr>"
        "<tr><th>men</th><td>690</td><td>0.723</td></tr></tbody></table>"
    )
    error = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": text("missing"),
        "traceback": ["\x1b[31mValueError\x1b[0m: " + text("column 'approved' is missing")],
    }
    return [
        md(text("# Bias audit: does approval depend on the group?\n\nIt cannot tell why.")),
        code('project: str = "loan-approval"  # folder under projects/', 1, tags=["parameters"]),
        md("## Load"),
        code(
            'table = case.table("decisions")\ntable.head()',
            2,
            html(table),
            stream("read 1,000 rows\n" + text("done")),
        ),
        md("## Measure"),
        code("ratio = fairness.selection_rate_ratio(table)", 3, *([error] if failed else [])),
        md("## Show"),
        code("charts.rates(table)", 4, image(PNG), svg(), script()),
        md("## Conclude"),
        code("case.conclude(ratio)", 5, plain(text("2 measurements"))),
    ]


def md(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(
    source: str, count: int | None, *outputs: dict[str, Any], tags: list[str] | None = None
) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {"tags": tags or []},
        "source": source,
        "execution_count": count,
        "outputs": list(outputs),
    }


def shown(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def html(text: str) -> dict[str, Any]:
    return shown(**{"text/html": text, "text/plain": "a table"})


def plain(text: str) -> dict[str, Any]:
    return shown(**{"text/plain": text})


def image(raw: bytes) -> dict[str, Any]:
    return shown(**{"image/png": base64.b64encode(raw).decode(), "text/plain": "<Figure>"})


def svg(text: str = SVG) -> dict[str, Any]:
    return shown(**{"image/svg+xml": text})


def script() -> dict[str, Any]:
    return shown(**{"application/javascript": "document.body.innerHTML = ''", "text/plain": "<js>"})


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}
