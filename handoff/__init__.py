"""When and how people come in: monitor, policy, holds, desk and presence."""
