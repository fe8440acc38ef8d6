"""What is asked of a graph: names, questions, types, explanations, descriptions, diagrams."""
