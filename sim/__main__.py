"""The program `comity`, which `python -m sim` runs too."""

import sys


def main() -> int:
    """Runs `comity` and returns the exit code; 130 after an interrupt."""
    try:
        from sim.cli import main as command

        return command()
    except KeyboardInterrupt:
        print("\ncomity: stopped.", file=sys.stderr)
        return 130
    finally:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said: nothing is left to interrupt


if __name__ == "__main__":
    sys.exit(main())
