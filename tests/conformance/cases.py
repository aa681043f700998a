# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models by name: the families' lists in one.

A generator takes a Random (a numpy Generator) and returns a Case. A new operator gets one in its family's file.
"""
import cases_conv
import cases_lane
import cases_matrix
import cases_move
import cases_state
from cases_common import Random  # noqa: F401 (for operators.py)

OPERATORS = {name: make for family in (cases_conv, cases_lane, cases_matrix, cases_move, cases_state) for name, make in family.OPERATORS.items()}
