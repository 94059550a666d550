from .lower_bound import lower_bound_s as lower_bound_s
