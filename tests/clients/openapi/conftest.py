"""Tells at the end how many requests were made."""


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        for name, told in report.user_properties:
            if name == "requests":
                terminalreporter.write_line(told)
