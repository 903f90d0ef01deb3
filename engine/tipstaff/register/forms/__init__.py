"""Forms that are sent out and come back: template, questions, responses, waivers."""
