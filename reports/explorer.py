from dataclasses import dataclass
@dataclass
class Explorer: style: str = ""
def explorer(*a): return None
