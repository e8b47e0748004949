"""Import files: one REDCap CSV a delivery, written to a temporary name and renamed, so that no half file is offered."""

from __future__ import annotations

import os
import tempfile

from capture.deliver import redcap_file
from capture.deliver.backends.base import Outcome, Parcel, SendError
from forms_catalog import serial


class FileBackend:
    """Writes the import file under the program's folder; the same delivery always gets the same name and bytes."""

    def send(self, parcel: Parcel) -> Outcome:
        folder = parcel.folder / parcel.slice.program
        name = f"{parcel.slice.program}_{parcel.slice.entry_code}_{parcel.delivery}_r{parcel.revision}.csv"
        data = redcap_file.write([parcel.slice], before=parcel.before)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, folder / name)
        except OSError as error:
            raise SendError(f"The import file could not be written: {error}") from error
        note = redcap_file.advice(parcel.slice, parcel.before)
        return Outcome("exported", note, str(folder / name), {"sha256": serial.digest(data.decode("utf-8"))})
