"""A trial as one self-contained page: what happened, on one time line, in light and dark."""

from __future__ import annotations

import re
from html import escape

from seatrial.trial import timeline
from seatrial.trial.report import StepReport, TrialReport


def page(report: TrialReport) -> str:
    """Return the whole page; it loads nothing from elsewhere."""
    title = f"Trial of {report.app} ({report.environment})"
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}: {report.result}</title>
<style>{STYLE}</style>
<main>
<header>
<p class="result {report.result}">{report.result}</p>
<h1>{escape(title)}</h1>
<p>{escape(_sentence(report))}</p>
</header>
{_numbers(report)}
<section aria-labelledby="time">
<h2 id="time">What happened</h2>
<p class="hint">Seconds from the start. Hover over an element for what AWS reports about it.</p>
<div class="scroll">{timeline.timeline(report)}</div>
{LEGEND}
</section>
<section aria-labelledby="steps">
<h2 id="steps">The steps</h2>
<ol class="steps">{"".join(_step(s) for s in report.steps if s.result != "skipped")}</ol>
{_skipped(report)}
</section>
<section aria-labelledby="not">
<h2 id="not">Not rehearsed here</h2>
<p class="hint">AWS may differ here. docs/fidelity.md lists what is the same, and why.</p>
<ul>{"".join(f"<li>{escape(text)}</li>" for text in report.not_rehearsed)}</ul>
</section>
<footer>{escape(report.at)} · pace {report.pace:g} · {escape(report.sandbox)}</footer>
</main>
</html>
"""


def _sentence(report: TrialReport) -> str:
    """Return the result in one sentence."""
    bad = [step for step in report.steps if step.result == "failed"]
    if bad:
        names = ", ".join(step.name for step in bad)
        return f"{len(bad)} of {len(report.steps)} steps failed: {names}."
    loaded = [step for step in report.steps if step.result == "passed" and step.requests]
    clean = sum(step.failed == 0 for step in loaded)
    return (
        f"Every step passed. In {clean} of {len(loaded)} steps under load no request failed; "
        "in the others the step broke something on purpose."
    )


def _numbers(report: TrialReport) -> str:
    failed = sum(answer.failed for answer in report.answers)
    times = sorted(a.seconds for a in report.answers if not a.failed)
    high = times[int(len(times) * 0.95)] * 1000 if times else 0
    expected = sum(step.on_aws for step in report.steps if step.result != "skipped")
    shown = [
        (f"{report.seconds:.0f} s", "here"),
        (f"{max(round(expected / 60), 1)} min", "expected on AWS"),
        (f"{len(report.answers)}", "requests"),
        (f"{failed}", "requests failed"),
        (f"{high:.0f} ms", "95th percentile"),
    ]
    cells = "".join(f"<div><dd>{value}</dd><dt>{name}</dt></div>" for value, name in shown)
    return f'<dl class="numbers">{cells}</dl>'


def _step(step: StepReport) -> str:
    took = "" if step.result == "skipped" else f"{step.seconds:.1f} s"
    load = f"{step.failed} of {step.requests} requests failed" if step.requests else ""
    aws = f"about {round(step.on_aws / 60, 1):g} min on AWS" if step.on_aws and took else ""
    facts = " · ".join(part for part in (took, load, aws) if part)
    more = "".join(f"<li>{_html(text)}</li>" for text in step.evidence)
    cause = f"<pre>{escape(step.cause)}</pre>" if step.cause else ""
    return (
        f'<li class="{step.result}"><h3>{escape(step.title)}</h3>'
        f'<p class="facts"><span class="mark">{step.result}</span> '
        f"<code>{escape(step.name)}</code> {escape(facts)}</p>"
        f"{f'<ul>{more}</ul>' if more else ''}{cause}</li>"
    )


def _skipped(report: TrialReport) -> str:
    found = [step for step in report.steps if step.result == "skipped"]
    rows = "".join(
        f"<li>{escape(step.title)} <span>(<code>{escape(step.name)}</code>: "
        f"{_html(step.reason)})</span></li>"
        for step in found
    )
    return f'<h3 class="skipped">Skipped</h3><ul class="skipped">{rows}</ul>' if found else ""


def _html(text: str) -> str:
    """Return text as HTML, with `…` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


LEGEND = """<ul class="legend" aria-label="Legend">
<li><i class="k ok"></i>answered</li><li><i class="k bad"></i>failed request</li>
<li><i class="k starting"></i>starting</li><li><i class="k run"></i>running</li>
<li><i class="k drain"></i>draining, stopping</li><li><i class="k died"></i>ended with an error</li>
<li><i class="k roll"></i>deployment in progress</li><li><i class="k done"></i>completed</li>
</ul>"""

STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1d2126;--soft:#5c6470;--line:#dcd9d0;
--card:#fff;--good:#1f7a4d;--bad:#b3261e;--run:#3f7cac;--start:#e0b13c;
--drain:#a9b4bf;--roll:#8a6fbf;--done:#b9a7dc;--band:#f1eee6;--badband:#f9e3e1}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e8e6e1;--soft:#a0a8b2;--line:#2c323a;
--card:#1b1f25;--good:#5cc48f;--bad:#ff8a80;--run:#5b9bd0;--start:#e0b13c;
--drain:#55606c;--roll:#a68be0;--done:#5f5187;--band:#191d22;--badband:#33201f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:76rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .4rem}h2{font-size:1.2rem;margin:2.6rem 0 .2rem}
h3{font-size:1rem;margin:0}.hint,footer,.facts{color:var(--soft);font-size:.9rem}
p{margin:.3rem 0}.result{display:inline-block;margin:0;padding:.1rem .7rem;border-radius:1rem;
font-weight:600;color:var(--paper);background:var(--good)}.result.failed{background:var(--bad)}
.numbers{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.4rem 0 0}
.numbers div{background:var(--card);border:1px solid var(--line);border-radius:.6rem;
padding:.6rem 1rem;min-width:8rem}.numbers dd{margin:0;font-size:1.5rem;font-weight:600;
font-variant-numeric:tabular-nums}.numbers dt{color:var(--soft);font-size:.85rem}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.6rem;
margin-top:.6rem}svg{display:block;font:12px system-ui,sans-serif;min-width:64rem;width:100%}
svg text{fill:var(--ink)}svg .end{text-anchor:end}svg .soft{fill:var(--soft)}
svg .grid{stroke:var(--line)}svg .lead{fill:none;stroke:var(--soft);stroke-width:.8}
svg .band{fill:var(--band)}svg .band.failed{fill:var(--badband)}
svg .ok{fill:var(--good)}.k.ok{background:var(--good)}
svg .bad{fill:var(--bad)}.k.bad{background:var(--bad)}
svg .starting{fill:var(--start)}.k.starting{background:var(--start)}
svg .run{fill:var(--run)}.k.run{background:var(--run)}
svg .drain{fill:var(--drain)}.k.drain{background:var(--drain)}
svg .died{fill:var(--bad)}.k.died{background:var(--bad)}
svg .roll{fill:var(--roll)}.k.roll{background:var(--roll)}
svg .done{fill:var(--done)}.k.done{background:var(--done)}
svg .slow{fill:none;stroke:var(--soft);stroke-width:1.2}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;padding:0;margin:.6rem 0 0;
color:var(--soft);font-size:.85rem}.k{display:inline-block;width:.8rem;height:.8rem;
border-radius:.2rem;margin-right:.4rem;vertical-align:-.05rem}
.steps{list-style:none;padding:0;margin:.6rem 0 0;display:grid;gap:.6rem}
.steps>li{background:var(--card);border:1px solid var(--line);border-left:.35rem solid var(--good);
border-radius:.6rem;padding:.7rem 1rem}.steps>li.failed{border-left-color:var(--bad)}
h3.skipped{margin-top:1.4rem}ul.skipped{color:var(--soft);font-size:.92rem;padding-left:1.2rem}
.steps ul{margin:.3rem 0 0;padding-left:1.2rem;font-size:.92rem}.mark{font-weight:600;
color:var(--good)}.failed .mark{color:var(--bad)}
code,pre{font:.88em ui-monospace,SFMono-Regular,Menlo,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;color:var(--bad);margin:.5rem 0 0}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem}
"""
