//! Agent: income-coach.
