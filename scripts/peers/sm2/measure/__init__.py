# SPDX-License-Identifier: Apache-2.0
"""Runs SM2 implementations that no one here wrote against each other, and holds what happens against the recorded table."""
