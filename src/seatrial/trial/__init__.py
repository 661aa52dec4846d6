"""The deployment test: every command and every failure in order, under load; one report.

Comes in: an app file and the selected steps. Goes out: a frozen report, as text, JSON, JUnit and
one HTML page. Forbidden here: deploying by itself. It calls ``ops``, and reads the results from
AWS's API and from outside the load balancer.
"""
