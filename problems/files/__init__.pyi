from .allocation_file import candidate_from_json as candidate_from_json
from .allocation_file import read_allocations as read_allocations
from .problem_file import problem_from_json as problem_from_json
from .problem_file import read_problem as read_problem
from .problem_writing import problem_to_json as problem_to_json
