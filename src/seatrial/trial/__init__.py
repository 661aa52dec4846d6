"""The asserted rehearsal: every verb and every failure in a row, under load; one report.

Comes in: an app file and the steps that were chosen. Goes out: a frozen report, as text, JSON,
JUnit and one page. Only strings together what ``ops`` does; what happened is read from AWS's API
and from the outside of the balancer.
"""
