# SPDX-License-Identifier: Apache-2.0
"""Starts servers that no one here wrote and lets mtlspec judge them."""
