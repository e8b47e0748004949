"""What a visit asks: facts in (load), what is known (known, periods, records), the one AskSheet out (sheet)."""
