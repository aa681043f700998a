# SPDX-License-Identifier: Apache-2.0
"""Runs the conformance parts named on the command line (default: all) and adds up their counts.

Exit status 1 when anything failed or nothing was compared; the last line is `<n> passed, <n> failed, <n> skipped`.
"""
import importlib
import sys

PARTS = ("operators", "networks", "top1")   # against the oracles
MORE = ("device", "speed")                  # not without being named


def main():
    parts = sys.argv[1:] or PARTS
    unknown = [p for p in parts if p not in PARTS + MORE]
    if unknown:
        print(f"unknown part {unknown[0]}; there are: {', '.join(PARTS + MORE)}")
        return 2
    passed, failed, skipped = (sum(k) for k in zip(*(importlib.import_module(p).main() for p in parts)))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
