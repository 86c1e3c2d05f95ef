"""Runs a command in a terminal of its own. Arguments: JSON list of [what to wait for, what to type], then the command.
Prints what the terminal showed, and the exit code on the last line."""

import json
import os
import pty
import select
import sys
import time

steps = [(wait.encode(), text.encode()) for wait, text in json.loads(sys.argv[1])]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
deadline = time.time() + 20
while time.time() < deadline:
    ready, _, _ = select.select([terminal], [], [], 0.1)
    if ready:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    if steps and steps[0][0] in shown:
        os.write(terminal, steps.pop(0)[1])
sys.stdout.write(shown.decode() + f"\nexit {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
