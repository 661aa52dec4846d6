"""stub"""

from seatrial.rehearsal.trial.report import TrialReport


def page(report: TrialReport) -> str:
    """stub"""
    return ""
