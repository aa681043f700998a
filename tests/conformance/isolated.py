# SPDX-License-Identifier: Apache-2.0
"""Runs numbered cases in a child process, so that one that crashes (a failed assertion of an oracle, say) costs only itself."""
import multiprocessing
import os
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))


def _child(pipe, run, failed, numbers):
    for number in numbers:
        pipe.send(("start", number))
        try:
            pipe.send(("done", run(number)))
        except Exception as e:  # a case that cannot be compared is a failure, with its reason
            where = [f for f in traceback.extract_tb(e.__traceback__) if os.path.dirname(f.filename) == HERE][-1]
            reason = f"{type(e).__name__} at {os.path.basename(where.filename)}:{where.lineno}: " + " | ".join(str(e).split("\n"))
            pipe.send(("done", failed(reason)))


def each(run, failed, numbers):
    """Yields (number, run(number)) for every number, in order, whatever happens to the child. failed(reason): the result when there is none."""
    numbers = list(numbers)
    while numbers:
        ours, theirs = multiprocessing.Pipe()
        worker = multiprocessing.Process(target=_child, args=(theirs, run, failed, numbers))
        worker.start()
        theirs.close()
        current = numbers[0]
        try:
            while True:
                kind, value = ours.recv()
                if kind == "start":
                    current = value
                else:
                    numbers.remove(current)
                    yield current, value
        except EOFError:
            worker.join()
        if numbers:
            numbers.remove(current)
            yield current, failed(f"the process ended with code {worker.exitcode} (an assertion, or a crash)")
