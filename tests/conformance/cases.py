# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models by name: the families' lists in one.

A generator takes a Random (a numpy Generator) and returns a Case. A new operator gets one in its family's file.
"""
import cases_chain
import cases_conv
import cases_elementwise
import cases_lane
import cases_matrix
import cases_move
import cases_state
from cases_common import Random  # noqa: F401 (for operators.py)

FAMILIES = (cases_chain, cases_conv, cases_elementwise, cases_lane, cases_matrix, cases_move, cases_state)
OPERATORS = {name: make for family in FAMILIES for name, make in family.OPERATORS.items()}
