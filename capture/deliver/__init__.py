"""Each program's part of a visit in its own terms: cut (slicing), queued (outbox), sent or copied, receipted."""
