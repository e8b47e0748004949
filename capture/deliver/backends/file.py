"""Import files: one REDCap CSV a delivery and a note how to import it. No half file is ever seen under its name."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from capture.deliver import redcap_file, states
from capture.deliver.backends.base import Outcome, Parcel, SendError


class FileBackend:
    """Writes the import file under the program's folder; the same delivery always gets the same name and bytes."""

    def send(self, parcel: Parcel) -> Outcome:
        data = redcap_file.write([parcel.slice], before=parcel.before)
        note = redcap_file.advice(parcel.slice, parcel.before)
        sha = hashlib.sha256(data).hexdigest()
        name = name_of(parcel)
        try:
            _write(parcel.folder / f"{name}.txt", f"{note}\nSHA-256 of the file: {sha}\n".encode())
            _write(parcel.folder / f"{name}.csv", data)
        except OSError as error:
            raise SendError(f"The import file could not be written: {error.strerror}") from error
        return Outcome(states.EXPORTED, note, f"{name}.csv", {"file_sha256": sha, "bytes": len(data)})


def name_of(parcel: Parcel) -> str:
    """program/program_entry_r<revision>_<delivery>, without an ending; holds no identifier of a person."""
    program = parcel.slice.program
    return f"{program}/{program}_{parcel.slice.entry_code}_r{parcel.revision}_{parcel.delivery}"


def _write(path: Path, data: bytes) -> None:
    """Under a temporary name, to the disk, then renamed: a killed writer leaves no file under the real name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
