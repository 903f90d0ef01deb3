"""Reports for pipelines and calendars: SARIF, JUnit, workflow annotations, iCalendar."""
