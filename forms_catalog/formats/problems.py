"""What every reader shares: the one error for what is no dictionary, and the collector of findings about what is."""

from __future__ import annotations

from forms_catalog.specs import Problem, Severity

MAX_PROBLEMS = 2_000  # a hostile file must not fill memory with findings; a real one never has that many

MAX_CHOICES = 200_000  # in one file; the file with most choices seen has 10,000


class UnreadableFile(Exception):
    """The file is no dictionary at all. `code` names why, `message` says it to people with what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Findings:
    """Collects problems in the order found, up to MAX_PROBLEMS, then counts the rest."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._left_out = 0
        self._choices_left = MAX_CHOICES

    def choices_left(self, wanted: int) -> int:
        """How many of `wanted` choices more the file may have; those are then taken off."""
        taken = min(wanted, self._choices_left)
        self._choices_left -= taken
        return taken

    def error(self, line: int, path: str, code: str, message: str) -> None:
        """Something a person must correct: the field is kept, but part of its meaning is not known."""
        self._add(line, path, code, "error", message)

    def warning(self, line: int, path: str, code: str, message: str) -> None:
        """Something that was read in the most likely sense and should be looked at."""
        self._add(line, path, code, "warning", message)

    def info(self, line: int, path: str, code: str, message: str) -> None:
        """Something worth knowing; nothing needs doing."""
        self._add(line, path, code, "info", message)

    def paths(self, code: str) -> set[str]:
        """The paths for which a finding of that code was collected."""
        return {problem.path for problem in self._found if problem.code == code}

    def _add(self, line: int, path: str, code: str, severity: Severity, message: str) -> None:
        if len(self._found) >= MAX_PROBLEMS:
            self._left_out += 1
            return
        self._found.append(Problem(line, path, code, severity, message))

    def all(self) -> tuple[Problem, ...]:
        """The problems by line, and one more that counts what was left out."""
        ordered = sorted(self._found, key=lambda problem: problem.line)
        if self._left_out:
            text = f"{self._left_out} more problems are not listed. Correct these first and upload again."
            ordered.append(Problem(0, "", "too_many_problems", "warning", text))
        return tuple(ordered)
