"""The cases of tracebook-conformance, and traces that it generates, through `rialto replay tracebook`.

Every case of both of its suites must pass but those that are listed here with their reason, and those must not.

Environment: RIALTO_BINARY, the program. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import os
import sys
import tempfile
from pathlib import Path

from tracebook.conformance.campaign import campaign_profile_names, run_campaign
from tracebook.conformance.compare import run_conformance
from tracebook.conformance.external import AdapterProtocolError, ExternalProcessAdapterFactory
from tracebook.conformance.suite import BUNDLED_SUITE_VERSIONS, copy_bundled_conformance_suite

# What cannot pass, with the words in which the program says why.
EXCEPTIONS = {
    # The exchange matches by price, then time, everywhere.
    "pro-rata-allocation": "there is no pro_rata here",
}
SEEDS = (1337, 1, 2)
TRACES = 8
EVENTS = 200

candidate = ExternalProcessAdapterFactory([os.environ["RIALTO_BINARY"], "replay", "tracebook"], timeout_seconds=30)


def fail(what):
    sys.exit(f"tracebook: {what}")


def run_case(suite, case):
    """True when the case passed; false when it is one of the exceptions and failed as it must."""
    wanted = EXCEPTIONS.get(case.name)
    try:
        report = run_conformance(case.load_events(), candidate, config=case.config, trace_name=case.name)
    except AdapterProtocolError as error:
        if wanted is not None and wanted in str(error):
            return False
        fail(f"{suite.suite_id}, {case.name}: {error}")
    if not report.conformant:
        fail(f"{suite.suite_id}, {case.name}: {report.divergence.to_dict()}")
    if wanted is not None:
        fail(f"{case.name} passes: take it off the list of exceptions")
    return True


def suites():
    with tempfile.TemporaryDirectory() as directory:
        for version in BUNDLED_SUITE_VERSIONS:
            suite = copy_bundled_conformance_suite(Path(directory) / version, suite_version=version)
            unknown = set(EXCEPTIONS) - {case.name for case in suite.cases}
            if unknown:
                fail(f"{suite.suite_id} has no case {unknown}")
            passed = sum(run_case(suite, case) for case in suite.cases)
            print(f"tracebook: {suite.suite_id}: {passed} of {len(suite.cases)} cases pass, the others are listed")


def campaigns():
    for profile in campaign_profile_names():
        for seed in SEEDS:
            result = run_campaign(
                candidate, profile=profile, seed=seed, traces=TRACES, events_per_trace=EVENTS, max_minimize_runs=50
            )
            if not result.conformant:
                failure = result.failure
                events = [event.to_dict() for event in failure.minimization.events]
                fail(f"{profile}, seed {seed}: {failure.failure_class}: {events}")
            if result.semantic_coverage.uncovered_capabilities:
                fail(f"{profile}, seed {seed}: {result.semantic_coverage.uncovered_capabilities} was never tried")
        print(f"tracebook: {profile}: {len(SEEDS) * TRACES} traces of {EVENTS} events agree")


suites()
campaigns()
