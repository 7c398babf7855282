"""Reads `go test -json`: prints what failed and the closing line of each package, and writes the closing
lines to a file: tests.py FILE. Fails if a test failed, if one was skipped and if there was none."""

import collections
import json
import sys

said = collections.defaultdict(list)  # package and test: its output
closing = []
counts = collections.Counter()
skipped = []
broken = False

for line in sys.stdin:
    if not line.startswith("{"):
        print(line, end="")
        continue
    event = json.loads(line)
    action, test = event["Action"], event.get("Test", "")
    key = event.get("Package", ""), test
    if action == "build-output":
        print(event["Output"], end="")
    elif action == "build-fail":
        broken = True
    elif action == "output":
        said[key].append(event["Output"])
    elif action in ("pass", "fail", "skip"):
        output = said.pop(key, [])
        if test:
            counts[action] += 1
            if action == "skip":
                skipped.append(f"{key[0]} {test}\n" + "".join(output))
        else:
            # The last line of a package: "ok", "FAIL" or "? … [no test files]", and how long it took.
            closing += output[-1:]
            print("".join(output[-1:]), end="")
            output = output[:-1]
            broken = broken or action == "fail"
        if action == "fail":
            print("".join(output), end="", flush=True)

# What a test said that never came to its end.
if broken:
    for output in said.values():
        print("".join(output), end="")
for skip in skipped:
    print("SKIPPED", skip, end="")
if skipped:
    print(f"{len(skipped)} skipped, and nothing may be: .ci/run sets all that a test asks for")
if not counts["pass"]:
    print("no test passed")
closing.append("{pass} passed, {fail} failed, {skip} skipped\n".format_map(
    {a: counts[a] for a in ("pass", "fail", "skip")}))
with open(sys.argv[1], "w", encoding="utf-8") as f:
    f.writelines(closing)
sys.exit(bool(broken or counts["fail"] or skipped or not counts["pass"]))
