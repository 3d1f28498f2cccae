"""The calm look of everything the school shows without a widget: one style sheet, light and dark.

JupyterLab tells its theme by an attribute of the page's body; elsewhere the light colours hold. Both themes bring
their own background, so that the contrast is ours: every text colour has at least 4.5:1 (a test computes it).
"""

from __future__ import annotations

import html

LIGHT = {"back": "#ffffff", "text": "#1b2733", "muted": "#56636f", "line": "#d5dce4", "ok": "#0f7b4f",
         "part": "#7a5a00", "no": "#a8431c", "info": "#1d5fbf"}  # fmt: skip
DARK = {"back": "#16191d", "text": "#e6ebf0", "muted": "#a3afbd", "line": "#39424e", "ok": "#4fd69a",
        "part": "#e8c15a", "no": "#ffb088", "info": "#7db2ff"}  # fmt: skip


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--ll-{name}:{colour}" for name, colour in colours.items())


STYLE = f"""<style>
.ll-school{{{_variables(LIGHT)};background:var(--ll-back);color:var(--ll-text);border:1px solid var(--ll-line);
border-left:4px solid var(--ll-tone,var(--ll-info));border-radius:8px;padding:10px 14px;max-width:46em;
font:14px/1.5 var(--jp-ui-font-family,system-ui,sans-serif)}}
body[data-jp-theme-light='false'] .ll-school{{{_variables(DARK)}}}
.ll-school p,.ll-school ul{{margin:4px 0}} .ll-school ul{{padding-left:1.2em;list-style:none}}
.ll-school .ll-head{{font-weight:600}} .ll-school .ll-tone{{color:var(--ll-tone)}}
.ll-school .ll-muted{{color:var(--ll-muted);font-size:13px}} .ll-school a{{color:var(--ll-info)}}
.ll-school pre{{white-space:pre-wrap;margin:4px 0}}
.ll-school .ll-track{{height:10px;border-radius:5px;background:var(--ll-line);overflow:hidden}}
.ll-school .ll-fill{{height:100%;background:var(--ll-ok)}}
</style>"""


def panel(body: str, *, tone: str = "info", role: str = "status", label: str = "") -> str:
    """A framed panel around trusted HTML.

    Parameters
    ----------
    body : str
        HTML; escape what comes from a learner with `words`.
    tone : {"ok", "part", "no", "info"}
        The colour of the frame and of `.ll-tone`; never the only sign of a verdict.
    role, label : str
        How screen readers meet it.
    """
    aria = f' aria-label="{html.escape(label)}"' if label else ""
    return f'{STYLE}<div class="ll-school" style="--ll-tone:var(--ll-{tone})" role="{role}"{aria}>{body}</div>'


def words(text: str) -> str:
    """Text as HTML: escaped, with `code` between backticks.

    >>> words("use `x < 1`")
    'use <code>x &lt; 1</code>'
    """
    parts = html.escape(text).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if k % 2 else part for k, part in enumerate(parts))
