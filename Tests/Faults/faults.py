# SPDX-License-Identifier: Apache-2.0

"""Disturbs sweeps and says what became of them.

Usage: faults.py TOOL REPORT [KILLS [REPETITIONS [SEED]]]

200 SIGKILLs, 50 repetitions of two and three runners at once, full disks of nine sizes (as root), and
the order of the system calls that put a file in place (with strace). Ends with 1 where a rerun gave
other bits, a file was damaged, or a failure was told otherwise than in a sentence with path and cause.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from sweep import RUNS, Sweep


class Campaign:
    def __init__(self, tool, folder, seed):
        self.tool, self.folder, self.seed = tool, folder, seed
        self.random = random.Random(seed)
        self.faults, self.rows = [], []
        whole = Sweep(tool, folder, "undisturbed")
        begin = time.monotonic()
        outcome = whole.finish()
        self.seconds = time.monotonic() - begin
        if outcome.returncode:
            sys.exit(outcome.stderr)
        self.bits = whole.bits()

    def expect(self, holds, words):
        if not holds:
            self.faults.append(words)
            print(f"fault: {words}", file=sys.stderr)

    def check_done(self, sweep, what):
        self.expect(sweep.bits() == self.bits, f"{what}: other bits")
        self.expect(not sweep.leftovers(), f"{what}: {sweep.leftovers()} left")
        self.expect(not sweep.faults(), f"{what}: {sweep.faults()}")

    # Kills

    def kills(self, count):
        """SIGKILL at random moments, until each sweep is done in spite of them."""
        killed = {"everything": 0, "workers": 0, "parent": 0}
        sweeps = 0
        while sum(killed.values()) < count:
            sweep = Sweep(self.tool, self.folder, f"killed{sweeps}")
            sweeps += 1
            for _ in range(self.random.randint(1, 12)):
                whom = self.random.choice(sorted(killed))
                jobs = self.random.choice([1, 2])
                if self.kill(sweep, whom, jobs, self.random.uniform(0, 1.2 * self.seconds)):
                    killed[whom] += 1
                self.expect(not sweep.faults(), f"seed {self.seed}, sweep {sweeps}: {sweep.faults()}")
            outcome = sweep.finish()
            self.expect(outcome.returncode == 0, f"sweep {sweeps}: {outcome.stderr}")
            self.check_done(sweep, f"seed {self.seed}, killed sweep {sweeps}")
            shutil.rmtree(sweep.results)
        words = ", ".join(f"{number} of {whom}" for whom, number in killed.items())
        self.rows.append(f"| SIGKILL, seed {self.seed} | {sum(killed.values())} kills ({words}) in "
                         f"{sweeps} sweeps |")

    def kill(self, sweep, whom, jobs, delay):
        """Whether there was still something to kill after the delay."""
        process = sweep.start(jobs)
        time.sleep(delay)
        hit = process.poll() is None
        try:
            if whom == "everything":
                os.killpg(process.pid, signal.SIGKILL)
            elif whom == "parent":
                process.kill()
            else:
                workers = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True,
                                         text=True).stdout.split()
                hit = hit and bool(workers)
                for worker in workers:
                    os.kill(int(worker), signal.SIGKILL)
        except ProcessLookupError:
            hit = False
        process.communicate()
        # Workers whose parent is gone leave within a second.
        while subprocess.run(["pgrep", "-g", str(process.pid)], capture_output=True).stdout:
            time.sleep(0.05)
        return hit

    # Several runners

    def runners(self, repetitions):
        for count in (2, 3):
            for repetition in range(repetitions):
                sweep = Sweep(self.tool, self.folder, f"shared{count}-{repetition}")
                processes = [sweep.start() for _ in range(count)]
                told = [process.communicate()[1] for process in processes]
                codes = [process.returncode for process in processes]
                what = f"{count} runners, repetition {repetition}"
                self.expect(codes == [0] * count, f"{what}: {codes} {told}")
                trained = sum(len(re.findall(r": epoch 6 of 6, ", text)) for text in told)
                self.expect(trained == RUNS, f"{what}: {trained} runs trained")
                self.check_done(sweep, what)
                shutil.rmtree(sweep.results)
            self.rows.append(f"| {count} runners at once | {repetitions} repetitions |")

    # Full disks

    def disks(self):
        disk = f"{self.folder}/disk"
        os.mkdir(disk)
        sizes = [8, 16, 32, 48, 64, 96, 128, 192, 256]
        told = 0
        for size in sizes:
            if not self.mount(disk, size):
                self.rows.append("| full disks | skipped: no small file system can be mounted here |")
                return
            try:
                told += self.fill(disk, size)
            finally:
                subprocess.run(["umount", disk], check=True)
        self.rows.append(
            f"| full disks | {len(sizes)} sizes from {sizes[0]} to {sizes[-1]} kB, of which {told} "
            "were too small |")

    def mount(self, disk, size):
        words = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", disk]
        return subprocess.run(words, capture_output=True).returncode == 0

    def fill(self, disk, size):
        sweep = Sweep(self.tool, self.folder, "disk/results")
        outcome = sweep.finish(jobs=1)
        what = f"a disk of {size} kB"
        if outcome.returncode:
            self.expect(outcome.returncode in (1, 2), f"{what}: exit {outcome.returncode}")
            lines = [line for line in outcome.stderr.splitlines() if "No space left" in line]
            self.expect(bool(lines), f"{what}: {outcome.stderr}")
            self.expect(all(f"{disk}/results" in line for line in lines), f"{what}: {lines}")
        self.expect(not sweep.faults(), f"{what}: {sweep.faults()}")
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        again = sweep.finish()
        self.expect(again.returncode == 0, f"{what}, then a larger one: {again.stderr}")
        self.check_done(sweep, what)
        return outcome.returncode != 0

    # Order of system calls

    def order(self):
        if not shutil.which("strace"):
            self.rows.append("| order of system calls | skipped: no strace |")
            return
        sweep = Sweep(self.tool, self.folder, "traced")
        log = f"{self.folder}/strace"
        words = ["strace", "-f", "-o", log, "-e", "trace=openat,write,fsync,rename,close"]
        outcome = subprocess.run(words + sweep.words(1), capture_output=True, text=True)
        self.expect(outcome.returncode == 0, f"strace: {outcome.stderr[-500:]}")
        lines = open(log, errors="replace").read().splitlines()
        files = [self.steps(lines, place) for place, line in enumerate(lines)
                 if re.search(r'rename\("[^"]*/runs/[^"]*\.part"', line)]
        wanted = ["write", "fsync", "rename", "fsync of the folder"]
        self.expect(len(files) == RUNS and all(steps == wanted for steps in files),
                    f"order of system calls: {files}")
        self.rows.append(f"| order of system calls | {len(files)} run files: {' → '.join(wanted)} |")

    def steps(self, lines, renamed):
        """What a thread did with a new file before and after it put it in place."""
        thread = lines[renamed].split()[0]
        part = re.search(r'rename\("([^"]*)"', lines[renamed])[1]
        own = [line for line in lines if line.split()[0] == thread]
        place = own.index(lines[renamed])
        made = max(at for at in range(place) if f'"{part}"' in own[at] and "openat" in own[at])
        number = own[made].rsplit("= ", 1)[1]
        steps = []
        for line in own[made:place]:
            for call in ("write", "fsync"):
                if f" {call}({number}" in line and steps[-1:] != [call]:
                    steps.append(call)
        steps.append("rename")
        folder = os.path.dirname(part)
        after = own[place:place + 4]
        opened = next((line for line in after if f'"{folder}"' in line and "openat" in line), "= -")
        if any(f" fsync({opened.rsplit('= ', 1)[1]})" in line for line in after):
            steps.append("fsync of the folder")
        return steps


def main():
    tool, report = os.path.abspath(sys.argv[1]), sys.argv[2]
    kills, repetitions, seed = (
        int(sys.argv[place]) if len(sys.argv) > place else fallback
        for place, fallback in ((3, 200), (4, 50), (5, 2017)))
    folder = tempfile.mkdtemp(prefix="continuum-faults-")
    try:
        campaign = Campaign(tool, folder, seed)
        campaign.order()
        campaign.disks()
        campaign.runners(repetitions)
        campaign.kills(kills)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    version = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout.strip()
    found = [f"- {words}" for words in campaign.faults] or ["None: every rerun gave the same bits, "
             "`verify` found nothing damaged, and every failure named path and cause."]
    with open(report, "w") as file:
        file.write("\n".join([
            "# Faults", "", f"`faults.py` with {kills} kills, {repetitions} repetitions and the seed "
            f"{seed} (`make faults`: 200, 50, 2017), {version}. A sweep of {RUNS} runs, disturbed, looked at "
            "by `continuum verify`, and done again; the failure of every single file operation in turn "
            "is `FaultTests`.", "", "| what | how often |", "|---|---|", *campaign.rows, "",
            "## Faults found", "", *found, ""]))
    print(open(report).read(), end="")
    sys.exit(bool(campaign.faults))


main()
