"""The crates that do no I/O and ask no clock all hold to the same rules."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ["", "functions/lib/"]


def pure():
    """The folders of the crates that ARCHITECTURE.md says do no I/O."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    said = re.search(r"\*\*Invariant:\*\* ([^.]*?) do no I/O and ask no clock", text).group(1)
    return [found(name) for name in re.findall(r"`(\w+)`", said)]


def found(name):
    """Where a crate of this name is."""
    return next(ROOT / folder / name for folder in FOLDERS if (ROOT / folder / name / "Cargo.toml").is_file())


class PureCrates(unittest.TestCase):
    """Clippy reads the nearest `clippy.toml` alone, so each of these crates has one."""

    def test_hold_to_the_same_rules(self):
        """What one of them may not call, none may."""
        rules = {folder.relative_to(ROOT): (folder / "clippy.toml").read_text(encoding="utf-8") for folder in pure()}
        self.assertEqual(len(rules), 6)
        first = next(iter(rules.values()))
        self.assertIn("SystemTime::now", first)
        self.assertEqual([str(folder) for folder, rule in rules.items() if rule != first], [])


if __name__ == "__main__":
    unittest.main()
