"""Checks of the real server from outside. Run by `scripts/python checks [SUITE [ARGUMENT…]]`: all suites, or one.

The suites: `twilio`, with the library of the company that calls it; `whatsapp`, our stand-in of that company with the
same library; `openapi`, with requests made up from its document.
"""

import sys

from tally import Tally


def main(name=None, *arguments):
    # A suite is only loaded when it runs: there is much to load.
    tally = Tally()
    if name in (None, "twilio"):
        import twilio_webhooks

        twilio_webhooks.run(tally)
    if name in (None, "whatsapp"):
        import whatsapp_twilio

        whatsapp_twilio.run(tally)
    if name in (None, "openapi"):
        import openapi

        openapi.run(tally, arguments)
    return tally.report()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
