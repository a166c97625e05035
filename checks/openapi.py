"""The served OpenAPI document, asked for by everybody: no fault of the server, and every answer as the document says."""

import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from openapi_people import KEY, ROLES, STRANGER

CALLERS = (*reversed(ROLES), STRANGER, KEY)
# Of each operation for each caller, unless more are asked for.
EXAMPLES = 4
# What works and what is only sent away is told of a caller when this is asked for.
ALL = "all"


def run(tally, arguments):
    """`arguments`: how many examples of each operation, callers by name, and `all`; by default few, of every caller."""
    names = [argument for argument in arguments if argument in CALLERS]
    examples = [int(argument) for argument in arguments if argument.isdecimal()]
    if len(names) + len(examples[:1]) + (ALL in arguments) != len(arguments):
        raise SystemExit(f"openapi takes a number, {ALL}, and {', '.join(CALLERS)}")
    # What a caller changes in the library is the whole process's. The owner's takes longest and comes first.
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), max_tasks_per_child=1)
    with pool:
        runs = [pool.submit(_run, name, *examples) for name in names or sorted(CALLERS, key="owner".__ne__)]
        for done in as_completed(runs):
            _note(tally, done.result(), ALL in arguments)


def _run(name, examples=None):
    # Loaded here only: the library takes its time.
    import openapi_run

    return openapi_run.run(name, examples or EXAMPLES, thorough=examples is not None)


def _note(tally, outcome, all_of_it):
    for what, saw in outcome.failures.items():
        tally.check(False, what, saw)
    for _ in range(outcome.held):
        tally.check(True, "")
    requests = sum(sum(statuses.values()) for statuses in outcome.answers.values())
    refused = {
        label: statuses for label, statuses in outcome.answers.items() if not any(status < 300 for status in statuses)
    }
    asked = len(outcome.answers)
    print(f"{outcome.name}: {requests} requests to {asked} operations, {asked - len(refused)} done", flush=True)
    for label, statuses in refused.items() if all_of_it else ():
        print(f"    {label}: {dict(sorted(statuses.items()))}")
