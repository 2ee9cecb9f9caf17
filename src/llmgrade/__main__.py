"""``python -m llmgrade``."""

from llmgrade.cli.front import main

if __name__ == "__main__":
    main()
