"""Makes `python -m kobo_async.cli` the same as `kobo-async`."""

from kobo_async.cli import main

if __name__ == "__main__":
    main()
