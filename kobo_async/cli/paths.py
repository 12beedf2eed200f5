"""The option of commands that write answers: to send those of no question, too."""

from __future__ import annotations

import click

unchecked_option = click.option(
    "--unchecked", is_flag=True, help="Send answers to questions that the form does not have, too."
)
