# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP servers of files: many requests for a small one, and the bytes of a large one."""

import functools
import sys
from statistics import median

from harness import servers
from harness.downloads import CONNECTIONS, WRK, download, request_often, verify
from harness.errors import Unable
from harness.figures import Figure, Result, Table, tabulate_ratios
from harness.payload import MIB
from harness.perf import PERF, ProcessorClock, can_count
from harness.probes import Probe, Reading, count_of
from harness.servers import Server
from harness.tools import BUSYBOX, TASKSET

NEEDS = (BUSYBOX, WRK, TASKSET)
PROBES_NEED = (WRK, TASKSET)
SMALL, LARGE = 1024, 100 * MIB
MODELS = ("event", "thread", "fork")
OWN = "sockkit, event"
PYTHON = "python3 -m http.server"
MOST = 1000
TARGET = 1.0
SMALL_COLUMNS = ("server", "requests per s", "slowest", "fastest", "99 % within µs", "CPU s per million")
LARGE_COLUMNS = ("server", "MiB per s", "slowest", "fastest", "CPU s per GiB")


def run(context):
    servers.prepare()
    site, small, large = lay_out(context)
    contenders = line_up(context.tools.sockkit, site)
    for server in contenders:
        for file in (small, large):
            verify(server, file, context.arguments.patience)
    clock = find_clock(context)
    answers, downloads = measure(context, contenders, small, large, clock)
    rounds, seconds = context.arguments.rounds, context.arguments.seconds
    tables = [
        Table(f"a file of {SMALL} bytes, {CONNECTIONS} connections, {seconds} s, {rounds} rounds, medians",
              SMALL_COLUMNS, [(server.name, *summarize_answers(answers[server.name])) for server in contenders]),
        Table(f"a file of {LARGE // MIB} MiB, again and again, {seconds} s, {rounds} rounds, medians", LARGE_COLUMNS,
              [(server.name, *summarize_downloads(downloads[server.name])) for server in contenders]),
    ]
    ratios = dict([compare("small file: requests", answers), compare("large file: throughput", downloads)])
    tables.append(tabulate_ratios(f"{OWN} beside the best other server, round by round", ratios))
    figures = [Figure(name, median(values) if values else None, ">=", TARGET) for name, values in ratios.items()]
    notes = [] if clock else [f"{PERF.program} (Debian: {PERF.origin}) is missing or not permitted"]
    notes += [f"{server.name}: {trouble}" for server in contenders if (trouble := find_trouble(answers[server.name]))]
    return Result("http", tables, figures, notes)


def lay_out(context):
    """The directory to serve, and its files."""
    site = context.payload.site(SMALL, LARGE)
    return site, site / f"{SMALL}.bin", site / f"{LARGE}.bin"


def find_clock(context):
    """What counts the time of a server of many processes, if there is something."""
    directory = context.payload.directory
    return ProcessorClock(directory) if can_count(directory) else None


def line_up(sockkit, site):
    """The servers in the order of the runs."""
    return [
        *(own_server(sockkit, model, site) for model in MODELS),
        Server(PYTHON, (sys.executable, "-m", "http.server", "--bind", "{host}", "--directory", site, "{port}")),
        Server("busybox httpd", (BUSYBOX.program, "httpd", "-f", "-p", "{host}:{port}", "-h", site), is_single=False),
    ]


def own_server(tool, model, site):
    """sockkit's, whose event loop needs no room for more."""
    room = () if model == "event" else ("-m", MOST)
    command = (tool.program, "http-server", "--model", model, *room, "--root", site, "{host}", "{port}")
    return Server(f"{tool.name}, {model}", command, is_single=model != "fork")


def probes(context):
    servers.prepare()
    site, small, large = lay_out(context)
    clock, seconds, patience = find_clock(context), context.arguments.seconds, context.arguments.patience

    def run(load, model, file, tool):
        server = own_server(tool, model, site)
        done = load(server, file, seconds, patience, None if server.is_single else clock)
        if done.problem:
            raise Unable(done.problem)
        return done

    def read_requests(model, tool):
        answer = run(request_often, model, small, tool)
        return [Reading("requests", answer.rate, "per s", is_rate=True),
                *read_processor("CPU per request", answer.processor_seconds_per_million, "µs")]

    def read_download(model, tool):
        sent = run(download, model, large, tool)
        return [Reading("throughput", sent.rate / MIB, "MiB/s", is_rate=True),
                *read_processor("CPU", sent.processor_seconds_per_gib, "s per GiB")]

    def check(model, file, tool):
        verify(own_server(tool, model, site), file, patience)

    return [probe for model in MODELS for probe in (
        Probe(f"{model}, {SMALL} bytes, {count_of(CONNECTIONS, 'connection')}", functools.partial(read_requests, model),
              functools.partial(check, model, small)),
        Probe(f"{model}, {LARGE // MIB} MiB", functools.partial(read_download, model),
              functools.partial(check, model, large)))]


def read_processor(name, value, unit):
    """Nothing for a server of many processes that cannot be counted."""
    return [] if value is None else [Reading(name, value, unit)]


def measure(context, contenders, small, large, clock):
    """Runs A B C A B C …, so that whatever else the machine does meets all of them alike."""
    arguments = context.arguments
    answers = {server.name: [] for server in contenders}
    downloads = {server.name: [] for server in contenders}
    for number in range(arguments.rounds):
        context.progress(f"http, round {number + 1} of {arguments.rounds}")
        for server in contenders:
            answers[server.name].append(request_often(server, small, arguments.seconds, arguments.patience))
        for server in contenders:
            downloads[server.name].append(download(
                server, large, arguments.seconds, arguments.patience, None if server.is_single else clock))
    return answers, downloads


def find_trouble(runs):
    """What went wrong in any round, which fails the row: its speed could be that of errors."""
    return next((run.problem for run in runs if run.problem), "")


def summarize_answers(answers):
    if find_trouble(answers):
        return (None,) * (len(SMALL_COLUMNS) - 1)
    return (*summarize_rates([answer.rate for answer in answers]), median(answer.most_within for answer in answers),
            median_or_none([answer.processor_seconds_per_million for answer in answers]))


def summarize_downloads(downloads):
    return (*summarize_rates([download.rate / MIB for download in downloads]),
            median_or_none([download.processor_seconds_per_gib for download in downloads]))


def summarize_rates(rates):
    return median(rates), min(rates), max(rates)


def median_or_none(values):
    return None if None in values else median(values)


def compare(name, runs):
    """sockkit's rate over that of the best other server, round by round, with a name; nothing without one."""
    sound = {server: [run.rate for run in made] for server, made in runs.items() if not find_trouble(made)}
    others = {server: rates for server, rates in sound.items() if not server.startswith("sockkit")}
    if OWN not in sound or not others:
        return name, []
    best = max(others, key=lambda server: median(others[server]))
    return f"{name} / {best}", [own / other for own, other in zip(sound[OWN], others[best])]
