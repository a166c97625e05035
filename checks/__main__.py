"""Checks of the real server with the libraries of the companies that call it. Run by `scripts/python checks`."""

import sys

import twilio_webhooks
from tally import Tally

tally = Tally()
for suite in (twilio_webhooks,):
    suite.run(tally)
sys.exit(tally.report())
